Feature: A source read once, screened as often as needed
  Reading the records of everybody takes longest. A coordinator reads them once, and screens what was kept: today,
  next week, by another protocol. What was kept says exactly what the records say, and nobody is lost on the way.

  Background:
    Given the records of a site, one of which cannot be read

  @R20
  Scenario: Nobody is lost
    When the records are prepared
    Then each record is a person or is rejected with its reason
    And the counts that are shown add up

  Scenario: What was prepared is screened like the records themselves
    When the records are prepared
    Then everybody screened from it has the same row as from the records

  Scenario: Any person of it can be looked at
    When the records are prepared
    Then each person screened alone from it has the verdict of their record

  Scenario: Nothing is read twice that has not changed
    Given the records were prepared before
    When the records are prepared
    Then the coordinator is told that nothing has changed

  Scenario: A record that was corrected counts at once
    Given the records were prepared before
    And a record was corrected
    When the records are prepared
    Then the person of that record is screened as corrected

  Scenario: Preparing that cannot be finished leaves the earlier cohort as it was
    Given the records were prepared before
    When the records are gone and are prepared again
    Then it is refused
    And the earlier cohort is still there

  Scenario: Evidence that was read for one protocol is not taken for another one's
    Given the records were prepared before
    When somebody screens it by a protocol that asks for something else
    Then it is refused
    And the coordinator is told which inputs are not in it, and to prepare it again
