# The ID is the name of the EventBridge rule.
tofu import guardduty_finding_rule.people guardduty-alert

# In a region other than the provider's, append @REGION.
tofu import guardduty_finding_rule.people guardduty-alert@eu-west-1
