variable "clusters" {
  description = "Names of the ECS clusters to guard."
  type        = list(string)
}

variable "topic_arn" {
  description = "ARN of the SNS topic that alerts go to."
  type        = string
}

variable "bucket" {
  description = "Name of the S3 bucket that holds the threat list."
  type        = string
}
