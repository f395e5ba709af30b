"""What is known changes: other factors, why figures differ, and what holds on to a version.

rebooking      other factors for the same activity: arithmetic on subtotals
restatement    what differs between two versions, line by line and cause by cause
verification   a verifier's findings and figures beside the reported ones
base_year      the year that later ones are held against, beyond a stated threshold
"""
