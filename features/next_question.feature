Feature: What is missing, and what to ask first
  A clinician with little time wants to know which answers could still settle the matter, and which question comes
  first. Nobody is told which answer to give, and nothing is asked that cannot change the verdict.

  Background:
    Given the protocol "ketamine-ra-fm" on 2026-11-22
    And the completed index case

  Scenario: One missing answer decides either way
    Given "Stroke" was not recorded
    When what could settle it is asked for
    Then the verdict is UNDETERMINED
    And 1 answer can settle INELIGIBLE, and 1 ELIGIBLE
    And the first question is about "Stroke"

  Scenario: The least burdensome of two questions comes first
    Given "Stroke" was not recorded
    And "Consent Signed" was not recorded
    When what could settle it is asked for
    Then the first question is about "Stroke"
    And ELIGIBLE needs 2 answers, those to "Stroke" and "Consent Signed"

  Scenario: A site for which asking is the dearer way
    Given "Stroke" was not recorded
    And "Uncontrolled Arrhythmia" was not recorded
    And at this site "Stroke" costs 40 and "Uncontrolled Arrhythmia" costs 1
    When what could settle it is asked for
    Then the first question is about "Uncontrolled Arrhythmia"

  Scenario: An answer that bars ends the questions
    Given "Stroke" was not recorded
    But "Pregnant" is recorded as "TRUE"
    When what could settle it is asked for
    Then the verdict is INELIGIBLE
    And nothing is asked any more

  Scenario: A relative contraindication that is not known leaves a review
    Given "Lamotrigine" was not recorded
    When what could settle it is asked for
    Then the verdict is REVIEW
    And 1 answer can settle ELIGIBLE
    And no answer can settle INELIGIBLE
