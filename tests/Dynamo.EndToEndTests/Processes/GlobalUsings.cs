global using Dynamo.EndToEndTests.Processes;
