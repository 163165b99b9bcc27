# The ID is DETECTOR:NAME. In a region other than the provider's, it is DETECTOR:NAME@REGION.
tofu import guardduty_filter.test_noise 12abc34d567e8fa901bc2d34e56789f0:test-noise
