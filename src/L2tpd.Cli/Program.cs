Console.WriteLine("l2tpctl");
