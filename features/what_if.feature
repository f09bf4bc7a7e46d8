Feature: What another limit or criterion would do to the counts of a site
  A coordinator plans an amendment with the sponsor: how many people more, of whom, under which limit. It is a
  laboratory: nobody's verdict changes by it, no rule file does, and no count in it is a forecast of recruitment.

  Background:
    Given the people of a site

  Scenario: A limit over a range
    When the coordinator asks what if the lowest pain were 0 to 10
    Then at every value the counts are those of a run with that limit
    And certain, to review and possible are told apart
    And the screen says which limit is in force and where it comes from
    And it says DRAFT, the day, and that no count is a forecast

  Scenario: One other limit
    When the coordinator asks what if the lowest pain were 10
    Then the screen says how many would enter and leave
    And a list names whose verdict would be another one
    And the screen says how sex and age would shift

  Scenario: Without a criterion
    When the coordinator asks what if INC03 were dropped
    Then nobody leaves
    And who enters had no other bar

  Scenario: With a criterion more
    When the coordinator asks what if people over 40 were excluded
    Then nobody enters

  Scenario: Why people are lost, in fair shares
    When the coordinator asks to which criteria the people lost are owed
    Then the shares add up to the people who are ruled out
    And it says that what is unknown bars nobody

  Scenario: A figure for the sponsor
    When the coordinator asks for the range as a figure with small cells hidden
    Then it says in words what it shows, and no number from 1 to 4 is in it

  Scenario: What to collect
    Given everybody was screened
    When the coordinator asks the cohort its questions
    Then each open item is there with how many lack it and how many verdicts it could settle
    And the people with exactly one bar are counted, with how far a number lies from its limit
    And people whose bars end by their dates are counted by month

  Scenario: The questions are asked in the same run
    When everybody is screened with questions
    Then the counts of the run and the questions are both there
