# The ID is DETECTOR/NAME. In a region other than the provider's, it is DETECTOR/NAME@REGION.
tofu import guardduty_detector_feature.runtime 12abc34d567e8fa901bc2d34e56789f0/RUNTIME_MONITORING
