z9631-----
r s BC-HKY--HockeyExpanded     03-05 0820
^BC-HKY--Hockey Expanded Glance< 
^Hockey Expanded Standings= 
^All Times EST= 
^By The Northland Press= 
^EASTERN LEAGUE= 
^;W;L;Pct 
Port Ellis;23;13;.639 
Lakeside;24;14;.632 
^Monday's Games= 
	   Port Ellis 7, Lakeside 5 
	   Hill 2, Harbour 1< 

	   AP-WF-03-05-24 0620GMT<
