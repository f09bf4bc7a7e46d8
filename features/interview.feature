Feature: Asking what is not known of one person
  A clinician sits with somebody, or with a chart, and answers question after question. Nothing that was answered is
  lost, nothing that nobody said becomes an absence, and no question is asked whose answer cannot change the verdict.

  Scenario: From nothing to a verdict
    Given nothing is known of SYN-0021
    When every question is answered as the completed case answers it
    Then the verdict is ELIGIBLE
    And the saved profile is screened to the same verdict
    And it says of every answer on which day it was asked and by whom

  Scenario: None of these
    Given nothing is known of SYN-0021
    When "none of these" is said of the history, by this person and the chart
    Then one absence is recorded for each of them, and each says who said so
    And what stood on other screens is still unknown

  Scenario: The verdict as soon as it is settled
    Given nothing is known of SYN-0021
    When the age of 17 is answered
    Then the verdict is INELIGIBLE
    And it is said how many questions were not asked, since no answer to them can change this verdict

  Scenario: An answer that was wrong
    Given the age of 17 was answered for SYN-0021
    When the clinician goes back and answers 49
    Then the verdict is UNDETERMINED
    And the questions that the wrong answer had closed are asked

  Scenario: Somebody does not know
    Given nothing is known of SYN-0021
    When every question is answered with "not known"
    Then the verdict is UNDETERMINED
    And nothing is recorded

  Scenario: An alert
    Given nothing is known of SYN-0021
    When a blood pressure of 196 is answered
    Then the interview stops with the alert and what is to be done
    And the reading is kept in the profile
    And it is said that nobody has been told

  Scenario: The clinician is called away
    Given the first two questions were answered for SYN-0021
    When the interview is begun again on the next day
    Then what was answered is not asked again
    And the answers of both days stand in the profile, each with its own day

  Scenario: A form that says one thing in two ways
    Given nothing is known of SYN-0021, whom the programme's protocol is asked about
    When the form says yes to item 4 or 5 of the C-SSRS, and no to all else on that screen
    Then the verdict is INELIGIBLE
    And the alert of the C-SSRS is raised
    And no question of the form was asked beside it
    And nothing that is recorded contradicts itself

  Scenario: The sum of a form is not known
    Given nothing is known of SYN-0021, whom the programme's protocol is asked about
    When the screen with item 4 or 5 of the C-SSRS is answered with "not known"
    Then the questions of the form are asked on a later screen
