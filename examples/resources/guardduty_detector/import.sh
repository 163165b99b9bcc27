# The ID is DETECTOR. In a region other than the provider's, it is DETECTOR@REGION.
tofu import guardduty_detector.main 12abc34d567e8fa901bc2d34e56789f0
