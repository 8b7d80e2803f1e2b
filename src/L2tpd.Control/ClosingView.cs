namespace L2tpd.Control;

/// <summary>Many sessions that are being closed at a rate, or were.</summary>
/// <param name="Selected">Sessions that were selected when it began.</param>
/// <param name="Closed">Those that were closed, or had ended, so far.</param>
/// <param name="Left">Those still to come; 0: it is over.</param>
/// <param name="Rate">Sessions per second.</param>
/// <param name="By">Who requested it.</param>
/// <param name="IsStopped">It was stopped before its end.</param>
public sealed record ClosingView(int Selected, int Closed, int Left, int Rate, string By, bool IsStopped = false);
