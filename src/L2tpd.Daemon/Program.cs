Console.WriteLine("l2tpd");
