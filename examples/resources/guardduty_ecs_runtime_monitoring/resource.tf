# Runtime monitoring on the Fargate tasks of two clusters, and of no others. Their services are redeployed, so that
# tasks which run already are monitored too, and the apply waits until GuardDuty hears from them.
resource "guardduty_ecs_runtime_monitoring" "main" {
  detector_id       = guardduty_detector.main.id
  fargate           = { include = ["prod", "payments"] }
  redeploy_services = true
  wait_for_coverage = true
}
