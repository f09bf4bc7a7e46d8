Feature: Several sets of criteria beside one another
  A condition may have more than one published set of criteria, and a person may be looked at for more than one trial.
  What is asked for by one and not by another is said. Nothing here is an offer or a diagnosis.

  Background:
    Given the made-up editions of aches: 2010 wants 7 areas and severity 5, 2016 wants 4 regions as well, 2020 wants 9 areas

  Scenario: The editions disagree, and the fact that makes the difference is named
    Given a person with 9 areas, severity 6 and 3 regions
    When the editions are compared
    Then the edition of 2010 is met
    And the edition of 2016 is not met
    And they disagree on "Regions"
    And the edition of 2010 does not ask for it

  Scenario: What is unknown disagrees with nobody
    Given a person with 9 areas, severity 6 and regions not recorded
    When the editions are compared
    Then the edition of 2016 is unknown
    And no two editions disagree

  Scenario: A record with facts of one edition can be read for all of them
    Given a person with 9 areas, severity 6 and 3 regions
    When the editions are compared
    Then every edition has an answer and nothing is wrong with the record

  Scenario: Trials are listed with the nearest first
    Given a person born in 1970 with pain 5 of 10 and without rheumatoid arthritis
    When the person is matched
    Then the trial "trial-open" is ELIGIBLE and comes first
    And it is said that nothing here is an offer

  Scenario: A trial whose text was cut is never eligible
    Given a person born in 1970 with pain 5 of 10 and without rheumatoid arthritis
    When the person is matched
    Then the trial "trial-cut" is UNDETERMINED
    And it is said that "stored copy cut after EXC01: never ELIGIBLE"

  Scenario: A fact that was not used is explained
    Given a person born in 1970 with pain 5 of 10 and without rheumatoid arthritis
    And pain 8 of 10 seven weeks ago
    When the person is matched
    Then it is said that the older pain is outside what is asked

  @R28
  Scenario: Rules that are no approved ones say so everywhere
    Given a person born in 1970 with pain 5 of 10 and without rheumatoid arthritis
    When the person is matched
    Then the first line says DRAFT

  Scenario: Retired rules are refused unless they are asked for
    Given a person born in 1970 with pain 5 of 10 and without rheumatoid arthritis
    When the person is screened against the retired trial
    Then it is refused, and nothing is said of the person
    When the person is screened against the retired trial all the same
    Then RETIRED stands on the screen
