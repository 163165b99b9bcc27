"""The GuardDuty API: one module for each kind of object, one function for each operation."""
