# The ID is DETECTOR:ID. In a region other than the provider's, it is DETECTOR:ID@REGION.
tofu import guardduty_ipset.trusted 12abc34d567e8fa901bc2d34e56789f0:0bc5dc7b3fe54bbd9f4bc0d9a8d0e2c1
