# A sample of a stolen-computing-power finding, made again when the response's state machine changes.
resource "guardduty_sample_findings" "drill" {
  detector_id   = guardduty_detector.main.id
  finding_types = ["CryptoCurrency:Runtime/BitcoinTool.B!DNS"]

  triggers = {
    response = guardduty_ecs_response.stop.definition
  }
}
