z6720-----
b s BC-HKY--Reds-Blues-KILL   03-05 0030
^BC-HKY--Reds-Blues, KILL,30<
^URGENT: KILL BC-HKY--Reds-Blues<
	   Editors: kill the story slugged Reds-Blues. The game was not played. 
	   AP-WF-03-05-24 0537GMT<
