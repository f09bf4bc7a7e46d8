Feature: Everybody a site has, screened at once
  A coordinator screens all records of a site, sees where people are lost and why, and gets a list of whom to look at.
  Charts rarely record that a thing is absent: ruling people out safely is the value, and nobody is a candidate.

  Background:
    Given the records of a site, one of which cannot be read

  @R20
  Scenario: Nobody is lost
    When everybody is screened
    Then each record is a row or is rejected with its reason
    And the counts that are shown add up
    And DRAFT and the day stand in the first two lines

  Scenario: What is not recorded never makes anybody eligible
    Given a person of whom nothing but the name is recorded
    When everybody is screened
    Then that person is UNDETERMINED
    And that person is not on the worklist

  Scenario: A finding that somebody must see now is told whatever the verdict
    When everybody is screened
    Then the screen counts the people with an alert and says to see them first

  Scenario: A run that cannot be finished leaves the earlier one as it was
    Given everybody was screened before
    When the records are gone and everybody is screened again
    Then it is refused
    And the earlier rows are still there

  Scenario: Any row can be explained
    When everybody is screened
    Then each person screened alone has the verdict of the row

  Scenario: Whom not to contact
    Given a person who asked not to be contacted
    When everybody is screened
    Then that person is not on the worklist
    And the worklist says how many people were left out

  @R14
  Scenario: What was decided is kept
    Given everybody was screened before
    And the coordinator wrote beside a person that she declined
    When the worklist is made again
    Then it still says that she declined
    And the funnel counts her as declined

  @R14
  Scenario: Why people are lost does not depend on the order alone
    When everybody is screened
    Then the funnel shows each bar in order, anywhere, and as the only one
    And nothing in it is worded as a forecast

  @R13 @R16
  Scenario: The screening log holds no identity
    When everybody is screened
    Then the log has one row for each person
    And no id of the site stands in the log
    And the pseudonyms are the same when everybody is screened again
