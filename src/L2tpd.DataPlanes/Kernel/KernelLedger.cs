using L2tpd.Protocol;
using L2tpd.Runtime.Processes;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>
/// The state file: records the objects that we are about to make in the kernel and our child processes, so that a run after a crash removes
/// these and nothing else. Any thread may call it. Each call appends one line; the file is rewritten when most of its lines are struck out.
/// </summary>
public sealed partial class KernelLedger : IChildLedger, IDisposable
{
    private const int LinesBeforeCompaction = 4_096;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly byte[] _header;
    private readonly ILogger _log;
    private readonly Dictionary<TunnelId, LedgerTunnel> _tunnels = [];
    private readonly Dictionary<int, ProcessIdentity> _children = [];
    private FileStream? _file;
    private int _lines;
    private bool _complained;

    private KernelLedger(string path, byte[] header, ILogger log) => (_path, _header, _log) = (path, header, log);

    /// <summary>Reads the ledger of an earlier run at <paramref name="path"/>. A missing file is an empty ledger.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">We may not read the file.</exception>
    public static LedgerContents ReadFrom(string path) =>
        File.Exists(path) ? LedgerFormat.Read(File.ReadLines(path)) : LedgerContents.Empty;

    /// <summary>Starts a new, empty ledger in place of the file at <paramref name="path"/>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">We may not write the file.</exception>
    public static KernelLedger Create(string path, LedgerPlace place, ProcessIdentity writer, ILogger log)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var ledger = new KernelLedger(path, LedgerFormat.Header(place, writer), log);
        ledger.WriteAnew();
        return ledger;
    }

    /// <summary>Records a tunnel. To be called before the kernel is asked to make it.</summary>
    public void TunnelComing(LedgerTunnel tunnel)
    {
        lock (_lock)
        {
            _tunnels[tunnel.LocalId] = tunnel;
            Append(LedgerFormat.Add(tunnel));
        }
    }

    public void TunnelDeleted(TunnelId localId)
    {
        lock (_lock)
        {
            if (_tunnels.Remove(localId))
                Append(LedgerFormat.StrikeTunnel(localId));
        }
    }

    /// <inheritdoc/>
    public void ChildStarted(ProcessIdentity child)
    {
        lock (_lock)
        {
            _children[child.Pid] = child;
            Append(LedgerFormat.Add(child));
        }
    }

    /// <inheritdoc/>
    public void ChildEnded(int pid)
    {
        lock (_lock)
        {
            if (_children.Remove(pid))
                Append(LedgerFormat.StrikeChild(pid));
        }
    }

    /// <summary>Closes the file, and removes it if it has no entries left.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
            if (_tunnels.Count == 0 && _children.Count == 0)
                Try(() => File.Delete(_path));
        }
    }

    private void Append(byte[] line)
    {
        if (_file is null)
            return;
        Try(() =>
        {
            if (++_lines > LinesBeforeCompaction && _lines > 4 * (_tunnels.Count + _children.Count))
                WriteAnew();
            else
                _file.Write(line);
        });
    }

    private void WriteAnew()
    {
        var temporary = _path + ".new";
        var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Write(_header);
        foreach (var tunnel in _tunnels.Values)
            file.Write(LedgerFormat.Add(tunnel));
        foreach (var child in _children.Values)
            file.Write(LedgerFormat.Add(child));
        File.Move(temporary, _path, overwrite: true);
        _file?.Dispose();
        _file = file;
        _lines = _tunnels.Count + _children.Count;
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (!_complained)
                LogCannotWrite(_path, error.Message);
            _complained = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot write the state file {Path}: {Error}. After a crash, kernel tunnels may remain. This is logged once.")]
    private partial void LogCannotWrite(string path, string error);
}
