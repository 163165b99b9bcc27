# GuardDuty for ECS on one page: see attacks on the clusters you name, tell people, stop the compromised task.

terraform {
  required_providers {
    guardduty = {
      source = "guardduty-rs/guardduty"
    }
  }
}

# The detector, with nothing switched on (and paid for) that is not named here or below.
resource "guardduty_detector" "main" {
  unlisted_features = "disable"
  features = {
    LAMBDA_NETWORK_LOGS = { status = "ENABLED" }
  }
}

# Runtime monitoring on the Fargate tasks of these clusters, and of no others.
resource "guardduty_ecs_runtime_monitoring" "main" {
  detector_id = guardduty_detector.main.id
  fargate     = { include = var.clusters }
}

# Addresses that you know to be hostile.
resource "guardduty_threatintelset" "hostile" {
  detector_id = guardduty_detector.main.id
  name        = "hostile"
  activate    = true
  format      = "TXT"
  bucket      = var.bucket
  key         = "guardduty/hostile.txt"
  entries     = ["198.51.100.7", "203.0.113.0/24"]
}

# People hear of everything serious.
resource "guardduty_finding_rule" "alert" {
  name  = "guardduty-alert"
  match = { severity = ["HIGH", "CRITICAL"] }
  targets = {
    people = {
      arn   = var.topic_arn
      input = { template = "<$.detail.title> (<$.detail.type>, severity <$.detail.severity>)" }
    }
  }
}

# A compromised task is stopped. Its service starts a fresh one.
resource "guardduty_ecs_response" "stop" {
  name             = "guardduty-stop-task"
  action           = "stop_task"
  clusters         = var.clusters
  match            = { severity = ["HIGH", "CRITICAL"] }
  notify_topic_arn = var.topic_arn
}
