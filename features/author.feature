Feature: Writing rules at a desk
  A rule author sees what a rule does: worked cases beside the rule, an expression asked of a person, a score by itself.

  Scenario: What is written at the beginning is sound
    Given a new protocol "my-trial"
    When its worked cases are run
    Then all cases are as expected

  Scenario: A changed limit is seen in the cases that it changes
    Given a new protocol "my-trial"
    And the author changes "> 5 'mmol/L'" to "> 6 'mmol/L'" in the rules
    When its worked cases are run
    Then the author reads "EXC01 of case just above the limit: expected present, is absent"
    And the author reads "verdict of case just above the limit: expected INELIGIBLE, is ELIGIBLE"

  Scenario: A misspelt name in a case is told at its place, and nothing is run
    Given a new protocol "my-trial"
    And the author changes "change: {Example Condition" to "change: {Exmple Condition" in the cases
    When its worked cases are run
    Then nothing is run
    And the author reads "did you mean `Example Condition`"

  Scenario: An expression says what it is worth and what is missing
    Given the author asks "WPI >= 7 and GGT > 3 'U/L'" of the index case as published
    Then the author reads "? WPI >= 7 and GGT > 3 'U/L': is open"
    And the author reads "Open for want of"
    And the author reads "GGT: not recorded"

  Scenario: A score is computed by itself, in the units that were given
    Given the author computes "BMI" from "Weight=92 kg" and "Height=162 cm"
    Then the author reads "BMI: 35.05563176 kg/m2"
    And the author reads "Height: 162 cm = 1.62 m"

  Scenario: A score with an item missing is in bounds, never guessed
    Given the author computes "DAS28 ESR" from "Tender Joints 28=5" and "ESR=28 mm/h"
    Then the author reads "open for want of"
    And the author reads "Missing    Swollen Joints 28"

  Scenario: A value without its unit is refused
    Given the author computes "BMI" from "Weight=92" and "Height=162 cm"
    Then the author is refused with "`Weight` has no unit"
