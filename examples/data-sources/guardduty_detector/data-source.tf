# The detector of the provider's region, whether or not Terraform manages it.
data "guardduty_detector" "main" {}

output "features_on" {
  value = [for feature in data.guardduty_detector.main.features : feature.name if feature.status == "ENABLED"]
}
