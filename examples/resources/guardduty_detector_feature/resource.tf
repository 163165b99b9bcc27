# Runtime monitoring of ECS on Fargate, switched apart from the detector. On destroy it becomes what it was before.
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
