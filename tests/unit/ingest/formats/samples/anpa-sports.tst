z6715-----
r s BC-HKY--Reds-Blues 1stLd-Writethru   03-05 0500
^BC-HKY--Reds-Blues, 1st Ld-Writethru,416< 
^Reds miss the ferry, arrive late and win 5-4< 
^AP Photo PEHK105, PEHK106< 
^Eds: Reds 5, Blues 4. Updates. With AP Photos.< 
^The Port Ellis Reds missed the last ferry _ their captain had misread the timetable _ rowed across the sound in three boats and beat the Lakeside Blues 5-4 on Tuesday night before a crowd that had almost gone home.< 
^By CHARLES OAK= 
^AP Sports Writer= 
	   LAKESIDE (AP) _ The Port Ellis Reds rowed across the sound and won. 
	   Their captain had misread the timetable. 
	   ___ 
	   TIP-INS 
	   Reds: Host Hill on Saturday. 

	   AP-WF-03-05-24 0337GMT<


