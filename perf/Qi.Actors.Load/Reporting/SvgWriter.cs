using System.Globalization;
using System.Net;
using System.Text;

namespace Qi.Actors.Load.Reporting;

/// <summary>Writes the few shapes that the picture is made of.</summary>
internal sealed class SvgWriter
{
    private const string Fonts = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
    private const double CharacterWidth = 0.56;

    private readonly StringBuilder _shapes = new();

    /// <summary>About how wide a text is: there is nobody to ask.</summary>
    public static double WidthOf(string text, double size) => text.Length * size * CharacterWidth;

    public void Rectangle(double x, double y, double width, double height, double radius, string fill, string? stroke = null, double opacity = 1)
    {
        string edge = stroke is null ? "" : $" stroke=\"{stroke}\"";
        string seen = opacity < 1 ? $" opacity=\"{N(opacity)}\"" : "";
        Line($"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" rx=\"{N(radius)}\" fill=\"{fill}\"{edge}{seen}/>");
    }

    /// <param name="x">Where it starts, or ends.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">What is written.</param>
    /// <param name="size">In pixels.</param>
    /// <param name="fill">Its colour.</param>
    /// <param name="weight">400 is normal.</param>
    /// <param name="isEnd">True if it ends at x.</param>
    public void Text(double x, double y, string text, double size, string fill, int weight = 400, bool isEnd = false)
    {
        string anchor = isEnd ? " text-anchor=\"end\"" : "";
        string bold = weight == 400 ? "" : $" font-weight=\"{weight}\"";
        Line($"<text x=\"{N(x)}\" y=\"{N(y)}\" font-size=\"{N(size)}\" fill=\"{fill}\"{bold}{anchor}>{WebUtility.HtmlEncode(text)}</text>");
    }

    /// <summary>A dashed line from top to bottom.</summary>
    public void Dashes(double x, double top, double bottom, string stroke)
        => Line($"<line x1=\"{N(x)}\" y1=\"{N(top)}\" x2=\"{N(x)}\" y2=\"{N(bottom)}\" stroke=\"{stroke}\" stroke-dasharray=\"3 3\"/>");

    /// <summary>A slanting stripe: here the bar is cut.</summary>
    public void Slash(double x, double y, double width, double height, string fill)
        => Line($"<path d=\"M{N(x + width)} {N(y)}h{N(width)}l{N(-width)} {N(height)}h{N(-width)}z\" fill=\"{fill}\"/>");

    public string ToDocument(double width, double height, string background)
        => $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{N(width)}" height="{N(height)}" viewBox="0 0 {N(width)} {N(height)}" font-family="{Fonts}">
            <rect width="100%" height="100%" fill="{background}"/>
            {_shapes}</svg>

            """.ReplaceLineEndings("\n");

    private static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private void Line(string shape) => _shapes.Append(shape).Append('\n');
}
