Feature: Missing data never turns into eligible
  What a record does not say is unknown, and an unknown bar is no absent bar.

  Background:
    Given the protocol "ketamine-ra-fm" on 2026-11-22

  Scenario: Everything is recorded and no bar is found
    Given the completed index case
    When she is screened
    Then the verdict is ELIGIBLE
    And the standing is NOT RULED OUT

  Scenario: The blood pressure is missing
    Given the completed index case
    But "Systolic Pressure" was not recorded
    When she is screened
    Then the verdict is UNDETERMINED
    And criterion SCV01A is unknown
    And "Systolic Pressure" is still to be obtained

  Scenario: There is no medicine list
    Given the completed index case
    But nothing was recorded of her medicines
    When she is screened
    Then the verdict is UNDETERMINED
    And criterion SMD02 is unknown

  Scenario: Nothing at all is known
    Given a person of whom nothing is recorded
    When she is screened
    Then the verdict is UNDETERMINED
    And the standing is NO ANCHOR EVIDENCE

  Scenario: The index case as published in 2018
    Given the index case as published
    When she is screened on 2018-02-05
    Then the verdict is UNDETERMINED
    And no criterion speaks against her

  Scenario: Everything is recorded and nobody has judged
    Given the completed index case
    But "RA Diagnosis Confirmed" was not recorded
    When she is screened
    Then the verdict is REVIEW
    And criterion INC02 is to be reviewed

  @R20
  Scenario: A value without its unit
    Given the completed index case
    And "Serum Creatinine" is recorded as "1.3"
    When she is screened
    Then the verdict is UNDETERMINED
    And criterion SRE01 is unknown

  Scenario: The upper limit of the laboratory is missing
    Given the completed index case
    But "ALT Upper Limit" was not recorded
    When she is screened
    Then the verdict is UNDETERMINED
    And criterion SHE03A is unknown
    And "ALT Upper Limit" is still to be obtained

  Scenario: Glaucoma of which nobody knows whether it is controlled
    Given the completed index case
    And "Glaucoma" is recorded as "TRUE"
    When she is screened
    Then the verdict is UNDETERMINED
    And criterion SOC01 is unknown
    And "Glaucoma Uncontrolled" is still to be obtained

  Scenario: A denial of one disorder says nothing of another that was suspected since
    Given the completed index case
    And psychotic disorder was denied on 2010-01-01
    And psychotic disorder was suspected on 2020-06-01
    When she is screened
    Then the verdict is UNDETERMINED
    And criterion SPS02 is unknown

  Scenario: A denial of many years ago is shown as an assumption
    Given the completed index case
    And psychotic disorder was denied on 2010-01-01
    When she is screened
    Then the verdict is ELIGIBLE
    And the screen says under "Assumed" that the denial is old
