global using Microsoft.Extensions.DependencyInjection;
global using Microsoft.Extensions.Logging;
global using Orleans.Concurrency;
global using Orleans.Hosting;
global using Orleans.Runtime;
