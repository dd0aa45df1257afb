Console.WriteLine("dynamo");
