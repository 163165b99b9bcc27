# Archives low-severity findings of the test cluster on arrival.
resource "guardduty_filter" "test_noise" {
  detector_id = guardduty_detector.main.id
  name        = "test-noise"
  action      = "ARCHIVE"

  finding_criteria {
    criterion {
      field  = "resource.ecsClusterDetails.name"
      equals = ["test"]
    }
    criterion {
      field     = "severity"
      less_than = "4"
    }
  }
}
