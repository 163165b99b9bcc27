# Runtime Monitoring of ECS on Fargate, managed separately from the detector. Destroy restores the previous status.
resource "guardduty_detector_feature" "runtime" {
  detector_id = guardduty_detector.main.id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"
  on_destroy  = "restore"

  additional_configuration {
    name   = "ECS_FARGATE_AGENT_MANAGEMENT"
    status = "ENABLED"
  }
}
