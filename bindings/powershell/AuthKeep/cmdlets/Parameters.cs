using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace AuthKeep.PowerShell
{
    /// <summary>Names and values of a query, a form or a header block, as texts.</summary>
    internal static class Parameters
    {
        /// <summary>
        /// One pair for each value: a list gives several of one name, null none.
        /// </summary>
        internal static IEnumerable<KeyValuePair<string, string>> Read(
            IDictionary dictionary, Func<object, object> unwrap)
        {
            foreach (DictionaryEntry entry in dictionary)
            {
                string name = Text(unwrap(entry.Key));
                object value = unwrap(entry.Value);
                if (value is IEnumerable && !(value is string))
                {
                    foreach (object each in (IEnumerable)value)
                    {
                        yield return Pair(name, unwrap(each));
                    }
                }
                else if (value != null)
                {
                    yield return Pair(name, value);
                }
            }
        }

        /// <summary>application/x-www-form-urlencoded, in UTF-8.</summary>
        internal static string Form(IDictionary dictionary, Func<object, object> unwrap)
        {
            StringBuilder form = new StringBuilder();
            foreach (KeyValuePair<string, string> pair in Read(dictionary, unwrap))
            {
                form.Append(form.Length == 0 ? "" : "&");
                form.Append(Escape(pair.Key)).Append('=').Append(Escape(pair.Value));
            }
            return form.ToString();
        }

        private static KeyValuePair<string, string> Pair(string name, object value)
        {
            return new KeyValuePair<string, string>(name, Text(value));
        }

        /// <summary>As JSON spells it, which is what servers understand.</summary>
        private static string Text(object value)
        {
            if (value is bool)
            {
                return (bool)value ? "true" : "false";
            }
            if (value is DateTime || value is DateTimeOffset)
            {
                return ((IFormattable)value).ToString("o", CultureInfo.InvariantCulture);
            }
            if (value is Uri)
            {
                return ((Uri)value).OriginalString;
            }
            return Convert.ToString(value, CultureInfo.InvariantCulture);
        }

        private static string Escape(string text)
        {
            return Uri.EscapeDataString(text).Replace("%20", "+");
        }
    }
}
