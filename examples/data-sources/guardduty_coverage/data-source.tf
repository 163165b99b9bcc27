# Clusters whose tasks Runtime Monitoring does not cover, with the reason.
data "guardduty_coverage" "unhealthy" {
  detector_id = guardduty_detector.main.id
  status      = "UNHEALTHY"
}

output "unmonitored" {
  value = { for cluster in data.guardduty_coverage.unhealthy.clusters : cluster.cluster_name => cluster.issue }
}
