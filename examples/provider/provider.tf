terraform {
  required_providers {
    guardduty = {
      source = "guardduty-rs/guardduty"
    }
  }
}

provider "guardduty" {
  region = "eu-central-1"

  default_tags {
    tags = {
      managed-by = "opentofu"
    }
  }
}
