# A sample cryptocurrency mining finding, generated again when the state machine of the response changes.
resource "guardduty_sample_findings" "drill" {
  detector_id   = guardduty_detector.main.id
  finding_types = ["CryptoCurrency:Runtime/BitcoinTool.B!DNS"]

  triggers = {
    response = guardduty_ecs_response.stop.definition
  }
}
