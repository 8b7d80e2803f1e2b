using L2tpd.Runtime.Processes;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>
/// The state file: writes down what we are about to make in the kernel and which children we have, so that a run after
/// a crash can clear what is left, and only that. Any thread may call; each call appends one line, and the file is
/// written anew when most of its lines have been struck out.
/// </summary>
public sealed partial class KernelLedger : IChildLedger, IDisposable
{
    private const int LinesBeforeCompaction = 4_096;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly byte[] _header;
    private readonly ILogger _log;
    private readonly Dictionary<uint, LedgerTunnel> _tunnels = [];
    private readonly Dictionary<int, ProcessIdentity> _children = [];
    private FileStream? _file;
    private int _lines;
    private bool _complained;

    private KernelLedger(string path, byte[] header, ILogger log) => (_path, _header, _log) = (path, header, log);

    /// <summary>Reads what an earlier run left at <paramref name="path"/>. A missing file is an empty ledger.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it be.</exception>
    public static LedgerContents ReadFrom(string path) =>
        File.Exists(path) ? LedgerFormat.Read(File.ReadLines(path)) : LedgerContents.Empty;

    /// <summary>Starts a new, empty ledger in place of what is at <paramref name="path"/>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it be.</exception>
    public static KernelLedger Create(string path, LedgerPlace place, ProcessIdentity writer, ILogger log)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var ledger = new KernelLedger(path, LedgerFormat.Header(place, writer), log);
        ledger.WriteAnew();
        return ledger;
    }

    /// <summary>To be called before the kernel is asked.</summary>
    public void TunnelComing(LedgerTunnel tunnel)
    {
        lock (_lock)
        {
            _tunnels[tunnel.LocalId] = tunnel;
            Append(LedgerFormat.Add(tunnel));
        }
    }

    public void TunnelGone(uint localId)
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
    public void ChildGone(int pid)
    {
        lock (_lock)
        {
            if (_children.Remove(pid))
                Append(LedgerFormat.StrikeChild(pid));
        }
    }

    /// <summary>Closes the file, and removes it when nothing is left to clear.</summary>
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
        "The state file {Path} cannot be written ({Error}): after a crash, kernel tunnels may stay behind. This is said once.")]
    private partial void LogCannotWrite(string path, string error);
}
