"""Who proposes: the offline engineer and Claude, behind one port."""
