# Runtime Monitoring of the Fargate tasks of two clusters only. Their services are redeployed so that tasks that are
# already running are monitored too, and the apply waits until they report to GuardDuty.
resource "guardduty_ecs_runtime_monitoring" "main" {
  detector_id       = guardduty_detector.main.id
  fargate           = { include = ["prod", "payments"] }
  redeploy_services = true
  wait_for_coverage = true
}
