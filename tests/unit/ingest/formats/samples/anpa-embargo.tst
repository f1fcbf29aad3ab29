a0110-----
a f BC-FIN--Fares   03-05 0050
^BC-FIN--Fares,50<
^Fares stay until summer<
^Eds: HOLD FOR RELEASE at 6 p.m. EST March 5.<
	   PORT ELLIS (AP) _ Fares stay. 
	   AP-WF-03-05-24 1015GMT<
