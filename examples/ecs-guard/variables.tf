variable "clusters" {
  description = "Names of the ECS clusters to protect."
  type        = list(string)
}

variable "topic_arn" {
  description = "ARN of the SNS topic that receives alerts."
  type        = string
}

variable "bucket" {
  description = "Name of the S3 bucket for the threat list."
  type        = string
}
