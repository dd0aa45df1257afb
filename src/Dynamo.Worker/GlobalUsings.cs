global using Microsoft.Extensions.DependencyInjection;
global using Microsoft.Extensions.Hosting;
global using Microsoft.Extensions.Logging;
global using Orleans.Concurrency;
global using Orleans.Hosting;
global using Orleans.Placement;
global using Orleans.Runtime;
