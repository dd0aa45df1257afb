using System.Globalization;
using System.Net;
using Dynamo.Cluster.Settings;

namespace Dynamo.Benchmarks.Serving;

/// <summary>
/// nginx as a reverse proxy that hands on each read at once: one worker process, connections kept on both sides, no log. What it uses is the
/// least that a process in that place costs which looks at nothing that it relays.
/// </summary>
internal sealed class NginxRelay : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-nginx-");
    private readonly ChildProcess _master;

    /// <summary>Starts it.</summary>
    /// <param name="program">nginx.</param>
    /// <param name="upstreamPort">Whom it asks.</param>
    /// <exception cref="BenchmarkFault">It does not start.</exception>
    public NginxRelay(string program, int upstreamPort)
    {
        Port = FreePort.On(IPAddress.Loopback);
        string config = Path.Combine(_folder.FullName, "nginx.conf");
        File.WriteAllText(config, Config(_folder.FullName, Port, upstreamPort));
        _master = new ChildProcess("nginx", program, ["-e", "stderr", "-p", _folder.FullName, "-c", config], hasChildren: true);
        try
        {
            LoopbackPort.WaitUntilOpen(Port, _master);
            WorkerId = Children().Single();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Pid of the process that relays.</summary>
    public int WorkerId { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _master.Dispose();
        _folder.Delete(recursive: true);
    }

    // The port is open before the worker is forked.
    private IEnumerable<int> Children()
    {
        Deadline deadline = new(TimeSpan.FromSeconds(10), "nginx's worker process");
        while (true)
        {
            string[] pids = File.ReadAllText($"/proc/{_master.Id}/task/{_master.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (pids.Length > 0)
            {
                return pids.Select(static pid => int.Parse(pid, CultureInfo.InvariantCulture));
            }

            _master.CheckAlive();
            deadline.WaitABit();
        }
    }

    // Bodies stay in memory: 64 KB is more than any request of ours.
    private static string Config(string folder, int port, int upstreamPort) =>
        $$"""
        daemon off;
        worker_processes 1;
        pid {{folder}}/nginx.pid;
        error_log stderr warn;
        events { worker_connections 4096; }
        http {
          access_log off;
          client_body_buffer_size 64k;
          client_body_temp_path {{folder}}/body;
          proxy_temp_path {{folder}}/proxy;
          fastcgi_temp_path {{folder}}/fastcgi;
          uwsgi_temp_path {{folder}}/uwsgi;
          scgi_temp_path {{folder}}/scgi;
          keepalive_requests 1000000;
          upstream recorded {
            server 127.0.0.1:{{upstreamPort}};
            keepalive 512;
            keepalive_requests 1000000;
          }
          server {
            listen 127.0.0.1:{{port}} backlog=1024;
            location / {
              proxy_pass http://recorded;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_buffering off;
            }
          }
        }
        """;
}
