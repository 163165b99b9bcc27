terraform {
  required_providers {
    guardduty = {
      source = "guardduty-rs/guardduty"
    }
  }
}

provider "guardduty" {
  region = "eu-central-1"

  # Only the security team's account may be used.
  allowed_account_ids = ["111122223333"]

  assume_role {
    role_arn     = "arn:aws:iam::111122223333:role/guardduty-admin"
    session_name = "opentofu"
  }

  default_tags {
    tags = {
      managed-by = "opentofu"
    }
  }
}
