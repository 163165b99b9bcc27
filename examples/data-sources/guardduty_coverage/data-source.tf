# Clusters whose tasks runtime monitoring does not see, with the reason.
data "guardduty_coverage" "unhealthy" {
  detector_id = guardduty_detector.main.id
  status      = "UNHEALTHY"
}

output "unmonitored" {
  value = { for cluster in data.guardduty_coverage.unhealthy.clusters : cluster.cluster_name => cluster.issue }
}
