W2870asian-----
f lbc-LT--Northland-FerryB     03-05 1049
^BC-LT--Northland-Ferry Return,466<
^A ferry learns to keep time<
^AP Photo XNP101<
^Eds: With AP Photos.<
^By ANN LEE and BO RAY=
^Associated Press=
	   PORT ELLIS, Northland (AP) _ The ferry is back, and ``we have waited long enough,'' a baker said.
	   It runs.

	   AP-WF-03-05-24 1015GMT<

