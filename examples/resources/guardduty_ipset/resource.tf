# IP addresses that are trusted, listed here. The provider uploads and activates them.
resource "guardduty_ipset" "trusted" {
  detector_id = guardduty_detector.main.id
  name        = "trusted"
  activate    = true
  format      = "TXT"
  bucket      = "my-lists"
  key         = "guardduty/trusted.txt"
  entries     = ["198.51.100.7", "203.0.113.0/24"]
}
