# By the name of the EventBridge rule.
tofu import guardduty_finding_rule.people guardduty-alert

# In a region other than the provider's.
tofu import guardduty_finding_rule.people guardduty-alert@eu-west-1
