# IP addresses that are known to be malicious, listed here. The provider uploads and activates them.
resource "guardduty_threatintelset" "hostile" {
  detector_id = guardduty_detector.main.id
  name        = "hostile"
  activate    = true
  format      = "TXT"
  bucket      = "my-lists"
  key         = "guardduty/hostile.txt"
  entries     = ["198.51.100.7", "203.0.113.0/24"]
}

# A file in S3 that is managed elsewhere. A change of its hash reloads it.
resource "guardduty_threatintelset" "feed" {
  detector_id  = guardduty_detector.main.id
  name         = "feed"
  activate     = true
  format       = "TXT"
  location     = "s3://my-lists/guardduty/feed.txt"
  content_hash = filemd5("feed.txt")
}
